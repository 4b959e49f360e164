extension Vocabulary {
    /// Common first names, sorted: the alphabetically first of several draws is the smallest index.
    static let firstNames = PhraseList(
        phrases: PhraseList.split(
            """
            Aaron; Adam; Adrian; Alan; Alana; Albert; Alexa; Alice; Alicia; Alison; Alma; Amanda; Amelia
            Amir; Amy; Ana; Andre; Andrew; Angela; Anita; Anna; Anthony; April; Arthur; Ashley; Audrey
            Barbara; Beatrice; Ben; Bernard; Beth; Bianca; Blake; Bradley; Brandon; Brenda; Brian; Bruce
            Bryan; Calvin; Camila; Carl; Carmen; Caroline; Catherine; Cecilia; Chad; Charles; Charlotte
            Chloe; Christian; Claire; Clara; Colin; Connor; Craig; Crystal; Cynthia; Daisy; Dana; Daniel
            Darren; David; Dawn; Deborah; Denise; Dennis; Derek; Diana; Diego; Dominic; Donald; Donna
            Dorothy; Douglas; Dylan; Edgar; Edith; Edward; Elaine; Elena; Elias; Elijah; Elizabeth; Ella
            Ellen; Emily; Emma; Eric; Erin; Esther; Ethan; Eugene; Eva; Evan; Felix; Fernando; Fiona
            Frances; Frank; Gabriel; Gail; Gary; George; Georgia; Gerald; Gina; Glenn; Gloria; Grace
            Grant; Gregory; Hannah; Harold; Harry; Hazel; Heather; Hector; Helen; Henry; Holly; Howard
            Hugo; Ian; Iris; Isaac; Isabel; Ivan; Jack; Jacob; Jade; James; Jamie; Jane; Janet; Jared
            Jasmine; Jason; Jean; Jeffrey; Jenna; Jeremy; Jesse; Jessica; Joan; Joel; John; Jordan
            Joseph; Joshua; Joyce; Juan; Judith; Julia; Julian; June; Karen; Karl; Kate; Keith; Kelly
            Kenneth; Kevin; Kim; Kyle; Lara; Laura; Lauren; Leah; Leo; Leon; Lewis; Liam; Lily; Linda
            Lisa; Logan; Louis; Lucas; Lucy; Luis; Luke; Lydia; Madison; Marcus; Margaret; Maria; Mario
            Mark; Martha; Martin; Mary; Mason; Matthew; Max; Megan; Melissa; Michael; Miguel; Miles
            Miranda; Molly; Monica; Morgan; Nadia; Naomi; Natalie; Nathan; Neil; Nicholas; Nicole; Nina
            Noah; Nora; Norman; Olivia; Omar; Oscar; Owen; Paige; Pamela; Patricia; Patrick; Paul; Paula
            Pedro; Peter; Philip; Phoebe; Priya; Rachel; Ralph; Ramon; Raymond; Rebecca; Regina; Renee
            Ricardo; Richard; Rita; Robert; Robin; Roger; Ronald; Rosa; Rose; Roy; Ruben; Russell; Ruth
            Ryan; Sabrina; Sally; Samantha; Samuel; Sandra; Sara; Scott; Sean; Selena; Shane; Sharon
            Sheila; Simon; Sofia; Sophie; Stanley; Stella; Stephen; Steven; Stuart; Susan; Sylvia
            Tamara; Tara; Teresa; Theodore; Thomas; Tiffany; Timothy; Tina; Todd; Tracy; Trevor; Troy
            Tyler; Valerie; Vanessa; Vera; Veronica; Victor; Victoria; Vincent; Violet; Vivian; Wade
            Walter; Wanda; Warren; Wayne; Wendy; William; Xavier; Yasmin; Yvonne; Zachary; Zoe
            """
        ).sorted())

    /// Common last names, sorted for the same reason.
    static let lastNames = PhraseList(
        phrases: PhraseList.split(
            """
            Abbott; Acosta; Adams; Aguilar; Ahmed; Alexander; Ali; Allen; Allison; Alvarez; Anderson
            Andrews; Armstrong; Arnold; Ashton; Atkins; Austin; Avery; Bailey; Baker; Baldwin; Banks
            Barber; Barker; Barnes; Barrett; Barton; Bates; Beck; Becker; Bell; Bennett; Benson; Berry
            Bishop; Black; Blair; Blake; Bond; Booth; Bowen; Bowman; Boyd; Bradley; Brady; Brennan
            Brewer; Briggs; Brooks; Brown; Bryant; Burgess; Burke; Burns; Burton; Bush; Butler; Byrne
            Cain; Caldwell; Campbell; Cannon; Carey; Carlson; Carpenter; Carr; Carroll; Carson; Carter
            Casey; Castillo; Castro; Chambers; Chan; Chapman; Chavez; Chen; Choi; Christensen; Clark
            Clarke; Clayton; Cohen; Cole; Coleman; Collins; Conner; Conway; Cook; Cooper; Cortez; Costa
            Cox; Craig; Crawford; Cross; Cruz; Cunningham; Curtis; Dalton; Daniels; Davidson; Davies
            Davis; Dawson; Day; Dean; Delgado; Diaz; Dixon; Donovan; Douglas; Doyle; Drake; Duncan; Dunn
            Duran; Eaton; Edwards; Elliott; Ellis; Estrada; Evans; Farmer; Farrell; Ferguson; Fernandez
            Fields; Fisher; Fitzgerald; Fleming; Fletcher; Flores; Flynn; Ford; Foster; Fowler; Fox
            Francis; Franklin; Fraser; Freeman; Frost; Fuller; Garcia; Gardner; Garner; George; Gibbs
            Gibson; Gill; Glover; Gomez; Gonzalez; Goodman; Gordon; Graham; Grant; Graves; Gray; Green
            Greene; Griffin; Guerrero; Gutierrez; Hale; Hall; Hamilton; Hammond; Hansen; Hardy; Harper
            Harris; Harrison; Hart; Harvey; Hawkins; Hayes; Henderson; Henry; Hernandez; Hicks; Hill
            Hobbs; Hoffman; Holland; Holmes; Hopkins; Horton; Howard; Howell; Huang; Hudson; Hughes
            Hunt; Hunter; Ingram; Jackson; Jacobs; James; Jenkins; Jennings; Jensen; Johnson; Johnston
            Jones; Jordan; Joseph; Kane; Kaur; Keller; Kelly; Kennedy; Khan; Kim; King; Klein; Knight
            Lambert; Lane; Larson; Lawrence; Lawson; Lee; Leonard; Lewis; Li; Lin; Lindsey; Little
            Lloyd; Logan; Long; Lopez; Love; Lowe; Lucas; Lynch; Lyons; Mack; Maldonado; Malone; Mann
            Manning; Marsh; Marshall; Martin; Martinez; Mason; Massey; Mathis; Matthews; Maxwell; May
            McCarthy; McCoy; McDonald; McGee; McKenzie; Medina; Mendoza; Meyer; Miles; Miller; Mills
            Mitchell; Molina; Montgomery; Moore; Morales; Moran; Morgan; Morris; Morrison; Moss; Mullins
            Munoz; Murphy; Murray; Myers; Nash; Navarro; Neal; Nelson; Newman; Newton; Nguyen; Nichols
            Nolan; Norman; Norris; Norton; Nunez; Obrien; Oliver; Olson; Ortega; Ortiz; Osborne; Owens
            Padilla; Page; Palmer; Park; Parker; Parks; Parsons; Patel; Patterson; Payne; Pearson; Pena
            Perez; Perkins; Perry; Peters; Peterson; Phelps; Phillips; Pierce; Pope; Porter; Potter
            Powell; Powers; Price; Quinn; Ramirez; Ramos; Ramsey; Reed; Reese; Reid; Reyes; Reynolds
            Rhodes; Rice; Richards; Richardson; Riley; Rios; Rivera; Roberts; Robertson; Robinson
            Rodgers; Rodriguez; Rogers; Romero; Rose; Ross; Rowe; Ruiz; Russell; Ryan; Salazar; Sanchez
            Sanders; Santiago; Santos; Saunders; Schmidt; Schneider; Schultz; Scott; Sharp; Shaw
            Shelton; Sherman; Silva; Simmons; Simpson; Sims; Singh; Slater; Smith; Snyder; Soto; Sparks
            Spencer; Stanley; Steele; Stephens; Stevens; Stevenson; Stewart; Stokes; Stone; Strong
            Sullivan; Summers; Sutton; Swanson; Tate; Taylor; Terry; Thomas; Thompson; Thornton; Todd
            Torres; Townsend; Tran; Tucker; Turner; Tyler; Underwood; Valdez; Vargas; Vasquez; Vaughn
            Vega; Wade; Wagner; Walker; Wallace; Walsh; Walters; Walton; Wang; Ward; Warner; Warren
            Washington; Watkins; Watson; Watts; Weaver; Webb; Weber; Webster; Wells; West; Wheeler
            White; Wilkins; Williams; Williamson; Willis; Wilson; Wolfe; Wong; Wood; Woods; Wright; Wu
            Yang; Yates; York; Young; Zhang; Zimmerman
            """
        ).sorted())
}
